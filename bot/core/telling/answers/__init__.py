"""What a command in a comment is answered with: Markdown that no text in it can misuse. Knows no forge."""
