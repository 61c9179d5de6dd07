import { buildExpression } from "../../../expression/index.ts";
import type { Expression } from "../../../expression/index.ts";
import type { FormatContext } from "../../stream-info.ts";
import { TextCommand, truncate } from "../command.ts";
import type { Command, CommandBuild } from "../command.ts";
import { quoteJson } from "../json-text.ts";
import type { CommandArgument, ExpressionArgument } from "../plan.ts";

/** The workers' side of the commands of the `cel` formatter extension; `cel-commands.ts` is main's. */
export const celBuilders: { readonly [name: string]: CommandBuild } = {
  CEL: {
    build: ([argument], maxLength) => {
      const expression = expressionOf(argument!);
      return new TextCommand((context) => expression.text(context), maxLength);
    },
  },
  TYPED_CEL: {
    build: ([argument], maxLength) => new TypedCelCommand(expressionOf(argument!), maxLength),
  },
};

function expressionOf(argument: CommandArgument): Expression {
  return buildExpression((argument as ExpressionArgument).expression);
}

/** Text as `CEL` has it; in JSON the value keeps its type, and only strings have a length. */
class TypedCelCommand implements Command {
  readonly #expression: Expression;
  readonly #maxLength: number;

  constructor(expression: Expression, maxLength: number) {
    this.#expression = expression;
    this.#maxLength = maxLength;
  }

  text(context: FormatContext): string | null {
    return truncate(this.#expression.text(context), this.#maxLength);
  }

  json(context: FormatContext): string {
    const text = this.#maxLength < 0 ? null : this.#expression.string(context);
    return text === null
      ? this.#expression.json(context)
      : quoteJson(truncate(text, this.#maxLength)!);
  }
}
