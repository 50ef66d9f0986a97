"""Programs that read hostile files. Each runs alone in a process of its own, never imported here."""
