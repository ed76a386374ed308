"""The Flask extensions, made here and bound to the application in `create_app()`."""

from __future__ import annotations

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_mail import Mail as MailSettings
from flask_wtf.csrf import CSRFProtect

login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(get_remote_address, headers_enabled=False)
# Flask-Mail holds the server's settings and signals; the messages are our own (app/mail/postman.py).
mail_settings = MailSettings()
