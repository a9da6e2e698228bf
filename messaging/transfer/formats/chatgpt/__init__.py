"""The export of a ChatGPT account: each conversation a tree of messages.

The branch that ends at `current_node` is the conversation; the messages of other branches come behind
it, each with the id of the message that it follows as its `parent_message_id`. Nodes that say nothing
are left out; what was hidden from the reader is kept and marked as such in the meta data.
"""

from .conversation import conversation_of, is_tree

__all__ = ["conversation_of", "is_tree"]
