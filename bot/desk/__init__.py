"""Hears what people say on pulls: gathers what it is judged by, wishes what it comes to, and answers."""
