"""AWS on this machine: MiniStack, plus what it lacks for this project.

It is the ground of the demo and of the deploy tests. Its answers about Systems Manager are this
package's own code, written from AWS's documentation: they prove that our parts fit together, not
that AWS behaves so.
"""

from localaws.server import LocalAws

__all__ = ["LocalAws"]
