"""AWS on this machine: MiniStack, plus what it lacks for this project.

The demo and the deployment tests run against it. Its answers about Systems Manager are this
package's own code, written from AWS's documentation: they prove that our parts fit together, not
how AWS behaves.
"""

from localaws.server import LocalAws

__all__ = ["LocalAws"]
