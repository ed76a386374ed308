"""The Flask extensions, made here and bound to the application in `create_app()`."""

from __future__ import annotations

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_mail import Mail as MailSettings
from flask_wtf.csrf import CSRFProtect


class DecoratedLimiter(Limiter):
    """A limiter that looks at a request only where a view is decorated: the portal has no limits for all pages."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


login_manager = LoginManager()
# It would mark a session whose browser names itself anew; what counts here is the device's row (accounts/devices.py).
login_manager.session_protection = None
csrf = CSRFProtect()
babel = Babel()
limiter = DecoratedLimiter(get_remote_address, headers_enabled=False)
# Flask-Mail holds the server's settings and signals; the messages are our own (app/mail/postman.py).
mail_settings = MailSettings()
