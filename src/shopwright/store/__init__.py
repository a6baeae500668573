"""What the service keeps, behind one interface: in an SQLite file or in PostgreSQL."""
