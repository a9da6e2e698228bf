"""How the processes of the service start, and what stands between a connection and Django."""
