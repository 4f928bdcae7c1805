"""gunicorn's settings, for those who start it themselves.

    gunicorn -c deploy/gunicorn.conf.py 'api.app:create_app()'

They are those of `dateline serve`, which is the usual way; the reason of each stands beside it in
`api/serve.py`, and so do those that are left as gunicorn has them. Three things are yours when started so:

* the courier of alerts runs beside `dateline serve` alone: run `dateline courier` as a service;
* behind a web server on another machine or in another container set `FORWARDED_ALLOW_IPS` to its address,
  or cookies are not marked as secure, and `DATELINE_PROXIES` to how many proxies there are;
* further options on the command line win over this file, but not over two of its choices: leave the worker
  class (another one shares an index's readers between threads) and `preload_app` as they are.
"""

import shutil

from api.serve import gunicorn_options, shared_folders
from api.settings import Settings

_made = shared_folders()  # before anything counts: /metrics adds up what all workers counted


def on_exit(_: object) -> None:
    """Remove what the processes shared."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)


globals().update(
    {name: value for name, value in gunicorn_options(Settings.from_env()).items() if value is not None}
)
