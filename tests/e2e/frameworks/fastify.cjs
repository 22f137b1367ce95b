// Copyright: (c) 2026, the aimms.cloud contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Fastify with @fastify/swagger. It checks, cuts into pages and writes what the service behind it answers.
// The only argument is the address of that service; the first line of output is the port.

const behind = process.argv[2];
const root = "/pro/session-manager/v1";
const app = require("fastify")();

const text = { type: "string" };
const time = { type: "string", format: "date-time", nullable: true };
const session = { type: "object", properties: {} };
for (const name of ["id", "kind", "state", "appName", "appVersion", "owner", "message"]) session.properties[name] = text;
for (const name of ["createdAt", "startedAt", "endedAt"]) session.properties[name] = time;
const line = { type: "object", properties: { timestamp: time, message: text } };
const kind = { type: "string", enum: ["webui", "task", "solve"] };
const one = { type: "object", required: ["kind", "id"], properties: { kind, id: text } };
const query = {
  type: "object",
  properties: {
    page: { type: "integer", minimum: 1, default: 1 },
    pageSize: { type: "integer", enum: [10, 25, 50], default: 10 },
  },
};
const pageOf = (items) => ({
  type: "object",
  properties: {
    data: { type: "array", items },
    meta: {
      type: "object",
      properties: Object.fromEntries(["total", "page", "pageSize", "lastPage"].map((name) => [name, { type: "integer" }])),
    },
  },
});

async function ask(request) {
  const headers = { apiKey: request.headers.apikey || "" };
  const answer = await fetch(behind + request.url, { method: request.method, headers });
  if (!answer.ok) {
    throw Object.assign(new Error((await answer.json()).error), { statusCode: answer.status });
  }
  return answer;
}

async function paged(request) {
  const { all } = await (await ask(request)).json();
  const { page, pageSize } = request.query;
  const meta = { total: all.length, page, pageSize, lastPage: Math.ceil(all.length / pageSize) };
  return { data: all.slice((page - 1) * pageSize, page * pageSize), meta };
}

async function read(request) {
  return (await ask(request)).json();
}

async function main() {
  await app.register(require("@fastify/swagger"), { openapi: { info: { title: "Session manager", version: "1" } } });
  await app.register(async (sessions) => {
    const list = { type: "object", required: ["kind"], properties: { kind } };
    sessions.get("/:kind", { schema: { params: list, querystring: query, response: { 200: pageOf(session) } } }, paged);
    sessions.get("/:kind/:id", { schema: { params: one, response: { 200: session } } }, read);
    sessions.patch("/:kind/:id/terminate", { schema: { params: one, response: { 200: session } } }, read);
    sessions.delete("/:kind/:id", { schema: { params: one, response: { 204: { type: "null" } } } }, async (request, reply) => {
      await ask(request);
      reply.code(204);
    });
    sessions.get("/:kind/:id/logs", { schema: { params: one, querystring: query, response: { 200: pageOf(line) } } }, paged);
    sessions.get("/:kind/:id/logs/download", { schema: { params: one } }, async (request, reply) => {
      reply.type("text/plain");
      return (await ask(request)).text();
    });
  }, { prefix: `${root}/sessions` });
  app.get(`${root}/openapi.yaml`, { schema: { hide: true } }, async (_request, reply) => {
    reply.type("application/yaml");
    return app.swagger({ yaml: true });
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  console.log(app.server.address().port);
}

process.stdin.on("end", () => process.exit()).resume(); // it ends with the test
main();
