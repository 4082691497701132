"""What GitHub's webhooks tell, one file for each family of payloads."""
