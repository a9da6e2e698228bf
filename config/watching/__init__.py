"""What operators see of the service: log lines, metrics and spans, each of them about one request."""
