"""What this machine's NVIDIA GPU does with gleancam: one command, one table. See run.sh."""
