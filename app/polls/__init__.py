"""Finding a date by mail. It ends in a meeting, which is why it stands on a floor above the meetings."""

from flask import Flask

from app import registry
from app.forum import extending
from app.forum.models import Kind
from app.polls import beginning, closing, mail_links, panels, reminding, views  # noqa: F401  # registers its job


def init_app(app: Flask) -> None:
    """Bind the pages and the links in mails, and take part in the forum's threads of kind poll."""
    app.register_blueprint(views.bp)
    extending.features[Kind.POLL] = beginning.feature()
    for hook in (closing.follow, beginning.forget):
        if hook not in extending.going:
            extending.going.append(hook)
    registry.origins["poll"] = beginning.origin_of
    mail_links.init_app()
    panels.init_app()
