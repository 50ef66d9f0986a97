"""One number from two papers (对账): a month's counted returns beside the last annual statistics."""
