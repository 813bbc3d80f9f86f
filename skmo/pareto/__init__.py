"""Sets of models that trade one objective for another, and how to choose of them."""

from ._preferences import preference_rays
from ._search import ParetoSearchCV

__all__ = ["ParetoSearchCV", "preference_rays"]
