"""Who is let in to the desk: the guard before every page, signing in and out."""

from __future__ import annotations

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import access, desk_session, reader_session
from api.context import current_engine, current_settings
from api.desk_frame import blueprint, own_address, page
from api.limits import QuotaExceeded
from index.decisions import MAX_TEXT, fit
from index.errors import DecisionError


@blueprint.before_request
def guard() -> Response | None:
    """Show nothing to those who are not signed in, and do nothing that no form of the desk asked for."""
    if not access.is_on():
        return page("desk_off.html", 403)
    if request.endpoint == "desk.sign_in":
        return None
    session = desk_session.current_session()
    if session is None:
        if request.endpoint == "desk.home" and request.method in ("GET", "HEAD"):
            return entry_page(200)
        ended = "You are not signed in, or no longer"
        lost = " Nothing was changed; sign in and do it again." if request.method == "POST" else ""
        return entry_page(401, f"{ended}.{lost}")
    if request.method == "POST" and not desk_session.has_form_token(session):
        told = "That form is not one of this session’s: it was opened before you signed in, or elsewhere."
        return page("desk_problem.html", 403, title="Nothing was changed", detail=f"{told} Do it again.")
    g.caller, g.who = access.holder(session.key), session.who  # whom the audit names
    current_engine().look_again()  # another process may have decided a moment ago
    return None


@blueprint.after_request
def keep_private(answer: Response) -> Response:
    """Let nobody keep or list what the desk shows."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.vary.add("Cookie")
    return answer


def entry_page(status: int, problem: str = "", *, who: str = "", to: str | None = None) -> Response:
    """The form that signs in; it leads on to what was asked for."""
    token = desk_session.new_entry_token()
    if to is None:
        to = request.full_path.rstrip("?") if request.method == "GET" else ""
    across = request.headers.get("Sec-Fetch-Site") == "cross-site"
    made = page("desk_entry.html", status, token=token, problem=problem, who=who, to=to, across=across)
    desk_session.entry_token(made, token)
    if status == 401:
        made.headers["WWW-Authenticate"] = f'Bearer realm="{access.REALM}"'  # browsers leave it alone
    return made


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    """Open a session for who has a key that may decide."""
    form = request.form
    who, to = form.get("editor", ""), own_address(form.get("to", ""))
    shown = who[:MAX_TEXT]
    if not desk_session.has_entry_token():
        return entry_page(403, "That form was too old. Please send it again.", who=shown, to=to)
    try:
        found = access.known(form.get("key", ""))
        who = fit("sign in", "Your name", who)
    except QuotaExceeded as error:
        told = f"Too many wrong keys. Try again in {error.seconds} seconds."
        made = entry_page(429, told, who=shown, to=to)
        made.headers["Retry-After"] = str(error.seconds)
        return made
    except DecisionError as error:
        return entry_page(422, f"{error.reason}.", who=shown, to=to)
    if found is None or not found.may("desk"):
        told = "That is not the key." if found is None else "That key is not for the desk."
        return entry_page(401 if found is None else 403, told, who=shown, to=to)
    return _let_in(found, who, to)


def _let_in(found: access.Caller, who: str, to: str) -> AnyResponse:
    answer = redirect(to or url_for(".home"), 303)
    desk_session.sign_in(answer, who, found.key)  # type: ignore[arg-type]
    if current_settings().reading == "closed":
        reader_session.sign_in(answer, found.key)  # type: ignore[arg-type]
    g.caller, g.who = found, who
    return answer


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session."""
    answer = redirect(url_for(".home"), 303)
    desk_session.sign_out(answer)  # type: ignore[arg-type]
    reader_session.sign_out(answer)  # type: ignore[arg-type]
    return answer
