"""The warehouse's tables as SQLModel classes."""
