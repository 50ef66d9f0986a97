"""Published lists (公示名单) as a register beside the registry and the annual statistics."""
