import type { FilterStateObject } from "../../../observe/filter-state-object.ts";

/** `FilterObject`: the messages of a stream, as its filter state tells them. A count of 0 is left out, as in JSON of protobuf. */
export class MessageCounts implements FilterStateObject {
  request = 0;
  response = 0;

  get filterStateText(): string {
    return `${this.request},${this.response}`;
  }

  get filterStateJson(): unknown {
    return {
      ...(this.request > 0 && { request_message_count: String(this.request) }),
      ...(this.response > 0 && { response_message_count: String(this.response) }),
    };
  }
}
