"""Ask a server over stdio with the SDK's own client; runs in the environment of tools/mcp/mcp.mk.

The first argument is JSON: the words that start the server, and the calls, each a tool and its arguments.
Standard output is JSON: the tools with their annotations, and the answers.
"""

import asyncio
import json
import sys
from typing import Any

from mcp import Client, StdioServerParameters


async def ask(words: list[str], calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return what the server offers and answers."""
    async with Client(StdioServerParameters(command=words[0], args=words[1:])) as client:
        listed = await client.list_tools()
        answers = [await client.call_tool(tool, given) for tool, given in calls]
        return {
            "tools": {each.name: each.annotations.model_dump() for each in listed.tools if each.annotations},
            "answers": [answer.model_dump() for answer in answers],
        }


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(ask(given["words"], given["calls"]))))
