"""The engineer over chat models.

- `engineer.py`: the Engineer protocol, a prompt an agent; `hybrid.py`: with the recipes behind it
- `briefing.py`, `machine.py`: what prompts say of the competition and of the machine
- `readers.py` over `answers.py` (tolerant reading) and `checks.py` (is it a solution?); `families.py`
- `desk.py`: reserve, send, record, re-ask; `ledger.py` and `prices.py`: money; `exchanges.py`: files of the run; `chats.py`: models by role
"""

from engineers.llm.chats import Chat, chats
from engineers.llm.desk import Desk, Refused, as_record
from engineers.llm.engineer import LlmEngineer, Terms
from engineers.llm.exchanges import Exchange, Exchanges
from engineers.llm.hybrid import HybridEngineer
from engineers.llm.ledger import CapReached, Ledger
from engineers.llm.machine import Machine, this_machine

__all__ = [
    "CapReached", "Chat", "Desk", "Exchange", "Exchanges", "HybridEngineer", "Ledger", "LlmEngineer", "Machine", "Refused", "Terms",
    "as_record", "chats", "this_machine",
]  # fmt: skip
