"""One return, many forms (一表多用): what the month's returns and the registers fill in elsewhere."""
