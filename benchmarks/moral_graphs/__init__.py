"""What the graph benchmark is made of: made-up studies, a plain port of the reference, reading from PostgreSQL."""
