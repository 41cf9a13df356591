import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { SwitchboardError } from '../domain/errors.ts';
import type { Logger } from '../runtime/log.ts';
import { type HiddenToolName, isHiddenToolName, listedHiddenTools } from './hidden-tools.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { Receipts } from './receipts.ts';
import { readArguments } from './tool-arguments.ts';
import type { ToolCall } from './tool-call.ts';
import { isToolName, listedTools, TOOLS, type ToolInput, type ToolName, type ToolOutput } from './tools.ts';

/** What each tool does. Errors of the domain and the store become results that tell Claude what to mend. */
export type ToolHandlers = {
  readonly [N in ToolName]: (input: ToolInput<N>, call: ToolCall) => Promise<ToolOutput<N>>;
};

/** What each tool does that Claude Code calls itself; the text that comes back is what it wants to read. Never rejects. */
export type HiddenHandler = (
  name: HiddenToolName,
  given: Readonly<Record<string, unknown>>,
  call: ToolCall,
) => Promise<string>;

/** What the server is made of. */
export interface ServerParts {
  readonly version: string;
  /** Asked for when the first tool is called. */
  readonly handlers: () => Promise<ToolHandlers>;
  /** Asked for when the first hidden tool is called. */
  readonly hidden: () => Promise<HiddenHandler>;
  readonly receipts: Receipts;
  readonly log: Logger;
  /** The client has its list of tools or calls one: from now on nothing it waits for is delayed by other work. */
  readonly onReady: () => void;
}

/**
 * The MCP server with its tools. The SDK's low-level `Server`, not `McpServer`: arguments are read here, so that a
 * mistake is told in a sentence about this tool and nothing is refused whose meaning is clear.
 */
export function createServer(parts: ServerParts): Server {
  const server = new Server(
    { name: 'switchboard', title: 'Switchboard', version: parts.version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      // Only elicitation would need one; building the default one costs every start some milliseconds.
      jsonSchemaValidator: {
        getValidator: () => () => ({ valid: false, data: undefined, errorMessage: 'not in use' }),
      },
    },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => {
    setImmediate(parts.onReady);
    return { tools: [...listedTools(), ...listedHiddenTools()] };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    parts.onReady();
    const { name, arguments: given = {} } = params;
    if (!isToolName(name) && !isHiddenToolName(name))
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${name}`);
    const token = params._meta?.progressToken;
    let told = 0;
    const tell = (message: string): void => {
      told += 1;
      const notification = { progressToken: token ?? 0, progress: told, message };
      extra
        .sendNotification({ method: 'notifications/progress', params: notification })
        .catch((error: unknown) => parts.log.debug({ error: String(error) }, 'progress could not be sent'));
    };
    const call: ToolCall = {
      signal: extra.signal,
      progress: token === undefined ? null : tell,
      whenSent: (sent, lost) => parts.receipts.expect(extra.requestId, extra.signal, { sent, lost }),
    };
    if (isToolName(name)) return callTool(parts, name, given, call);
    const text = await (await parts.hidden())(name, given, call);
    return { content: [{ type: 'text', text }] };
  });
  server.onerror = (error) => parts.log.warn({ error: error.message }, 'protocol error');
  return server;
}

async function callTool<N extends ToolName>(
  { handlers, log }: ServerParts,
  name: N,
  given: Record<string, unknown>,
  call: ToolCall,
): Promise<CallToolResult> {
  try {
    const input = readArguments(name, TOOLS[name].input, given) as ToolInput<N>;
    const output = await (await handlers())[name](input, call);
    return { structuredContent: output, content: [{ type: 'text', text: JSON.stringify(output) }] };
  } catch (error) {
    // Of a cancelled call nothing is sent, whatever became of it.
    if (call.signal.aborted) return failure('The call was cancelled.');
    if (error instanceof SwitchboardError) {
      log.info({ tool: name, code: error.code, error: error.message }, 'tool call refused');
      return failure(error.message);
    }
    log.error({ tool: name, error: error instanceof Error ? error.stack : String(error) }, 'tool call failed');
    return failure(`${name} failed inside Switchboard: ${String(error)}. Nothing is known to be lost; try again.`);
  }
}

function failure(message: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: message }] };
}
