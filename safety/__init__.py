"""Safety registers: what each monthly return says of its self-check (四个100%) and of incidents."""
