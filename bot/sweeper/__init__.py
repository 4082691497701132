"""Finds what no event told: times that are over, deliveries that got lost, pulls and environments that do not agree."""
