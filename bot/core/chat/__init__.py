"""What people say to the bot in comments. Understands; neither asks whether they may nor does it."""
