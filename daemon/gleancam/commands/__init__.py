"""What `gleancam COMMAND` does: one module a command."""
