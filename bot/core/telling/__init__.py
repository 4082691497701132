"""Every sentence and every value in which an environment is told of."""
