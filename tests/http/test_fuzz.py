"""Requests that the description allows and forbids, by schemathesis: no failure at all.

`make fuzz` sends many more, and chains of them.
"""

import shutil
import warnings

import fuzz


def test_every_operation_does_as_it_is_described(sample_index, tmp_path):
    app = fuzz.application(shutil.copytree(sample_index, tmp_path / "index"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library and what it depends on
        found = fuzz.failures(app, 8, chains=False)
    assert not found, "\n\n".join(found)
