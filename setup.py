"""The one part of the build that pyproject.toml cannot say: the scanner in C.

It is optional: where no compiler is, the gate uses the scanner in Python. It is built against
the stable ABI, so that one wheel serves every Python from 3.11 on.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "consentgate.gate.html._scanner",
            ["consentgate/gate/html/_scanner.c"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
