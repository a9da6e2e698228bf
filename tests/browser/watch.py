"""What a browser finds wrong with a page, written down while a test uses it."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response

VIOLATIONS = """
addEventListener('securitypolicyviolation', event => reportViolation(
  `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`
));
"""
# A download, or a page that was left before it had loaded everything.
LEFT = "net::ERR_ABORTED"


class Watch:
    """Errors in the console, uncaught exceptions, dialogs, violations of the content security policy,
    requests that failed or that went to another host."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.expected: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Write down what happens on the pages of this one."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        context.expose_binding("reportViolation", lambda _, text: self.faults.append(f"violation: {text}"))
        context.add_init_script(VIOLATIONS)

    def expect(self, *fragments: str) -> None:
        """Faults that the test provokes, known by a part of their text."""
        self.expected += fragments

    def verdict(self) -> list[str]:
        """Every fault that was not expected, and every expectation that was not met."""
        met = {part for part in self.expected for fault in self.faults if part in fault}
        unexpected = [fault for fault in self.faults if not any(part in fault for part in met)]
        return unexpected + [f"never happened: {part}" for part in self.expected if part not in met]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} at {message.location.get('url')}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and f"{address.scheme}://{address.netloc}" != self.origin:
            self.faults.append(f"foreign host: {request.url[:200]}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.faults.append(f"failed: {request.url[:200]}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"answered {response.status}: {response.request.method} {response.url[:200]}")
