"""Who connects to PostgreSQL: the owner of the tables, or the application, which may do far less."""
