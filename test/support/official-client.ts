import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { JsonSchemaType, JsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';

/** The official client under the name of Claude Code. */
export function officialClient(): Client {
  return new Client({ name: 'claude-code', version: '2.1.329' }, { jsonSchemaValidator: SCHEMAS });
}

/** Compiles a schema once for all clients: every server of this build has the same tools, and there are hundreds. */
class SchemasOnce extends AjvJsonSchemaValidator {
  readonly #validators = new Map<string, JsonSchemaValidator<unknown>>();

  override getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
    const key = JSON.stringify(schema);
    const validator = this.#validators.get(key) ?? super.getValidator<unknown>(schema);
    this.#validators.set(key, validator);
    return validator as JsonSchemaValidator<T>;
  }
}

const SCHEMAS = new SchemasOnce();
