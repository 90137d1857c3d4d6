"""One file per statutory table: lines of the table in, facts and doubts out."""
