"""matinee: every pull request gets its own running copy of the application. Imports nothing."""
