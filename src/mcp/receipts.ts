import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';

interface Receipt {
  readonly sent: () => void;
  readonly lost: () => void;
}

/** Knows which results have really gone out: an answer counts as delivered only then. */
export class Receipts {
  private readonly expected = new Map<RequestId, Receipt[]>();

  /** Makes the transport tell this object of every result that it has sent, or could not send. */
  watch(transport: Transport): Transport {
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      const id = 'id' in message && !('method' in message) ? message.id : undefined;
      try {
        await send(message, options);
      } catch (error) {
        if (id !== undefined) this.settle(id, 'lost');
        throw error;
      }
      if (id !== undefined) this.settle(id, 'sent');
    };
    return transport;
  }

  /** Runs one of the two when the result of the request went out, or when the call is aborted before that. */
  expect(request: RequestId, signal: AbortSignal, receipt: Receipt): void {
    if (signal.aborted) {
      receipt.lost();
      return;
    }
    const others = this.expected.get(request);
    if (others) others.push(receipt);
    else this.expected.set(request, [receipt]);
    signal.addEventListener('abort', () => this.settle(request, 'lost'), { once: true });
  }

  private settle(request: RequestId, how: keyof Receipt): void {
    const receipts = this.expected.get(request) ?? [];
    this.expected.delete(request);
    for (const receipt of receipts) receipt[how]();
  }
}
