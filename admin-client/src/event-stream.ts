// The parser of text/event-stream (WHATWG HTML, section 9.2.6), part by part.

export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

export interface EventStreamParser {
  /** The events that end in this part. Throws an Error for one that is longer than a stream of ours can have. */
  push(part: Uint8Array): StreamedEvent[];
  /** Milliseconds to wait before another attempt, if the stream said so. */
  readonly retryMs: number | undefined;
}

const MAX_EVENT_CHARACTERS = 4 << 20;

export function createEventStreamParser(): EventStreamParser {
  return new Parser();
}

class Parser implements EventStreamParser {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #id = '';
  #type = '';
  #data: string[] = [];
  retryMs: number | undefined;

  push(part: Uint8Array): StreamedEvent[] {
    const text = this.#rest + this.#decoder.decode(part, { stream: true });
    // The last line has not ended; nor has one whose end may be half of a CRLF.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_EVENT_CHARACTERS) throw new Error('an event is too long');
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): StreamedEvent | undefined {
    if (line === '') return this.#end();
    if (line.startsWith(':')) return undefined;
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]{1,9}$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  #end(): StreamedEvent | undefined {
    const [type, data] = [this.#type || 'message', this.#data];
    this.#type = '';
    this.#data = [];
    return data.length === 0 ? undefined : { id: this.#id, type, data: data.join('\n') };
  }
}
