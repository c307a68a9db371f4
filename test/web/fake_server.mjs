// node test/web/fake_server.mjs [port]: the page against a server made of memory and chance, to work on its looks
// without building anything. Files are read anew at each request.
import http from 'node:http';
import { randomUUID } from 'node:crypto';

import { collect } from '../../web/assets.mjs';

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";
const log = randomUUID().slice(0, 8);
const orders = new Map();
const clients = new Set();
const history = [];
let down = false;

const iso = () => new Date().toISOString();

function emit(type, data) {
  const offset = history.length + 1;
  const text = `id: ${log}:${offset}\ndata: ${JSON.stringify({ type, data, timestamp: data.timestamp ?? iso() })}\n\n`;
  history.push(text);
  for (const client of clients) client.write(text);
}

const audit = (source, action, order, more = {}) =>
  emit('audit', { source, action, orderId: order.id, ...more, timestamp: iso() });

function deliver(order, instance, retryCount = 0) {
  if (Math.random() > 0.3) return audit('notification-service', 'NOTIFIED', order, { instanceId: instance, retryCount });
  if (retryCount === 2) {
    audit('notification-service', 'DLQ', order, { instanceId: instance, retryCount });
    return emit('dlq', { action: 'created', order, reason: 'Max retries exceeded', instanceId: instance, timestamp: iso() });
  }
  audit('notification-service', 'RETRY', order, { instanceId: instance, retryCount: retryCount + 1 });
  return setTimeout(() => deliver(order, instance, retryCount + 1), 200 * 2 ** retryCount);
}

function happened(action, order) {
  emit('order', { action, order, timestamp: iso() });
  audit('order-service', action, order, { order });
  audit('analytics-service', 'STATS_UPDATED', order, { stats: {} });
  setTimeout(() => deliver(order, `notification-${1 + Math.round(Math.random())}`), 20 + Math.random() * 90);
  if (action !== 'created') return;
  const mine = [...orders.values()].filter((each) => each.customerName === order.customerName).length;
  const total = order.quantity * order.price;
  const alerts = [];
  if (mine > 5) alerts.push({ type: 'VELOCITY', severity: 'HIGH', reason: `${order.customerName} placed ${mine} orders in 1 minute` });
  if (orders.size > 20) alerts.push({ type: 'BURST', severity: 'MEDIUM', reason: `${orders.size} orders in 1 minute globally` });
  if (total > 100) alerts.push({ type: 'AMOUNT', severity: 'LOW', reason: `Order total $${total.toFixed(2)} exceeds threshold` });
  audit('fraud-service', alerts.length ? 'FRAUD_ALERT' : 'FRAUD_CHECK_PASSED', order, {
    customerName: order.customerName, alerts, windowStats: { customerOrdersInWindow: mine, globalOrdersInWindow: orders.size } });
}

function events(request, response, url) {
  const id = request.headers['last-event-id'] ?? url.searchParams.get('lastEventId') ?? '';
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\n');
  if (id.startsWith(`${log}:`)) response.write(history.slice(Number(id.split(':')[1])).join(''));
  else if (id) response.write(`event: gap\nid: ${log}:${history.length}\ndata: {}\n\n`);
  clients.add(response);
  request.on('close', () => clients.delete(response));
}

const json = (response, status, body, type = 'application/json') =>
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));

function problem(response, status, title, errors) {
  json(response, status, { type: 'about:blank', title, status, detail: title, errors }, 'application/problem+json');
}

function write(response, id, text) {
  const fields = JSON.parse(text);
  const errors = [];
  if (!id && !fields.customerName) errors.push({ field: 'customerName', message: 'is required: 1 to 100 characters' });
  if (fields.quantity !== undefined && !(fields.quantity >= 1 && fields.quantity <= 1000)) {
    errors.push({ field: 'quantity', message: 'must be an integer from 1 to 1000' });
  }
  if (errors.length) return problem(response, 422, 'The order fails its checks.', errors);
  const order = id ? { ...orders.get(id), status: 'updated', ...fields }
    : { id: randomUUID(), ...fields, status: 'created', createdAt: iso() };
  orders.set(order.id, order);
  json(response, id ? 200 : 201, order);
  return happened(id ? 'updated' : 'created', order);
}

const states = ['running', 'running', 'running', 'running', 'running', 'running'];
const instances = ['order-1', 'notification-1', 'notification-2', 'fraud-1', 'analytics-1', 'audit-1'];

function api(request, response, url, text) {
  const id = url.pathname.split('/')[3];
  if (url.pathname === '/api/stats') {
    return json(response, 200, { ordersPerMinute: orders.size, timeToNotifiedMs: { mean: 84, p99: 3190 }, notifications: { successRate: 0.974 } });
  }
  if (url.pathname === '/api/modules') {
    return json(response, 200, instances.map((instance, n) => ({ instance, module: instance.replace(/-\d$/, ''), state: states[n] })));
  }
  if (request.method === 'GET') return json(response, 200, [...orders.values()]);
  if (request.method === 'DELETE') {
    const order = { ...orders.get(id), status: 'deleted' };
    orders.delete(id);
    json(response, 200, order);
    return happened('deleted', order);
  }
  return write(response, id, text);
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/fake/down') {
    down = url.searchParams.has('yes');
    if (down) for (const client of clients) client.destroy();
    states[2] = down ? 'crashed' : 'running';
    return response.end();
  }
  if (url.pathname === '/fake/bad') {
    emit('dlq', { base64: Buffer.from('{"action":"cre').toString('base64'), reason: 'malformed JSON: unexpected end' });
    return response.end();
  }
  if (down) return request.socket.destroy();
  if (url.pathname === '/events') return events(request, response, url);
  let text = '';
  for await (const chunk of request) text += chunk;
  if (url.pathname.startsWith('/api/')) return api(request, response, url, text);
  const file = collect().find((each) => each.path === url.pathname);
  if (!file) return response.writeHead(404).end();
  return response.writeHead(200, { 'content-type': file.contentType, 'content-security-policy': csp }).end(file.body);
}

http.createServer((request, response) => void handle(request, response)).listen(Number(process.argv[2] ?? 3999), '127.0.0.1');
