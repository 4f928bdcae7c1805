"""gunicorn's settings, for those who start it themselves.

    gunicorn -c deploy/gunicorn.conf.py 'api.app:create_app()'

They are those of `dateline serve`; the reasons stand beside them in `api/serve.py`.
"""

from api.serve import gunicorn_options
from api.settings import Settings

globals().update(
    {name: value for name, value in gunicorn_options(Settings.from_env()).items() if value is not None}
)
