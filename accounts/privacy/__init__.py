"""Personal identifiers: kept encrypted, shown masked, revealed with a reason on record.

Children are counted, never named: no field of the portal holds a child. What every field is, why
it is kept and for how long stands in accounts/privacy/register.toml.
"""
