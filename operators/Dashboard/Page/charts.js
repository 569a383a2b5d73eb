// Line charts by hand: as many pixels as there are, so that text is sharp; a line of sight by pointer or by arrow keys.
import { make, setText } from './dom.js';

const height = 132, bottom = 16, top = 6, span = 5 * 60 * 1000;
// Without the fifth, which says that something failed.
const palette = [1, 2, 3, 4, 6];
let count = 0;

// What is at most as large as the values, and reads well.
function ceiling(value) {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map(step => step * unit).find(step => step >= value * 0.999);
}

export function chart(title, unit, format, colors = {}) {
  const id = `chart-${++count}`;
  const now = make('span', { class: 'now' });
  const svg = make('svg:svg', { role: 'img', tabindex: 0, 'aria-labelledby': id });
  const legend = make('ul', { class: 'legend' });
  const card = make('section', { class: 'card quarter' }, make('header', {}, make('h2', { id }, title), now), make('div', { class: 'chart' }, svg, legend));
  let points = [], sight = null;

  const scale = () => {
    const width = Math.max(120, svg.clientWidth), last = points.at(-1)?.time ?? Date.now();
    const max = ceiling(Math.max(0, ...points.flatMap(point => Object.values(point.values))));
    return { width, last, max, x: time => width - 1 - (last - time) / span * (width - 1), y: value => height - bottom - value / max * (height - bottom - top) };
  };

  function draw() {
    const { width, last, max, x, y } = scale();
    const shown = points.filter(point => point.time >= last - span - 4000);
    const names = [...new Set(shown.flatMap(point => Object.keys(point.values)))].sort();
    const plain = names.filter(name => !colors[name]);
    const color = name => colors[name] ?? `var(--c${palette[plain.indexOf(name) % palette.length]})`;
    const parts = [0, 0.5, 1].flatMap(part => [
      make('svg:line', { class: 'grid', x1: 0, x2: width, y1: y(max * part), y2: y(max * part) }),
      part > 0 ? make('svg:text', { x: 0, y: y(max * part) + 11 }, format(max * part)) : null,
    ]);
    for (const minutes of [5, 2.5, 0]) {
      const label = minutes === 0 ? 'now' : `−${minutes} min`;
      parts.push(make('svg:text', { x: x(last - minutes * 60000), y: height - 3, 'text-anchor': minutes === 0 ? 'end' : minutes === 5 ? 'start' : 'middle' }, label));
    }
    for (const name of names) {
      const line = shown.filter(point => point.values[name] !== undefined).map(point => `${x(point.time).toFixed(1)},${y(point.values[name]).toFixed(1)}`);
      if (line.length === 0) continue;
      const first = line[0].split(',')[0], end = line.at(-1).split(',')[0];
      parts.push(make('svg:polygon', { class: 'area', points: `${first},${height - bottom} ${line.join(' ')} ${end},${height - bottom}`, fill: color(name) }));
      parts.push(make('svg:polyline', { class: 'series', points: line.join(' '), stroke: color(name) }));
      if (line.length === 1) parts.push(make('svg:circle', { cx: end, cy: line[0].split(',')[1], r: 2, fill: color(name) }));
    }
    const at = sight === null ? shown.at(-1) : shown.reduce((best, point) => Math.abs(point.time - sight) < Math.abs(best.time - sight) ? point : best, shown[0]);
    if (sight !== null && at) parts.push(make('svg:line', { class: 'cross', x1: x(at.time), x2: x(at.time), y1: top, y2: height - bottom }));
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    svg.replaceChildren(...parts.filter(part => part));

    const busy = names.filter(name => at?.values[name] !== undefined);
    legend.replaceChildren(...busy.slice(0, 6).map(name => {
      const swatch = make('i');
      swatch.style.background = color(name);
      return make('li', {}, swatch, name, make('b', {}, format(at.values[name])));
    }));
    const total = at && busy.length > 0 ? busy.reduce((sum, name) => sum + (colors[name] ? 0 : at.values[name]), 0) : null;
    now.replaceChildren(total === null ? '–' : format(total), make('small', {}, sight !== null && at ? new Date(at.time).toLocaleTimeString() : unit));
    svg.setAttribute('aria-label', `${title}: ${busy.map(name => `${name} ${format(at.values[name])}`).join(', ') || 'nothing yet'} ${unit}`);
  }

  const look = time => { sight = time; draw(); };
  svg.addEventListener('pointermove', event => {
    const { width, last } = scale(), box = svg.getBoundingClientRect();
    look(last - (1 - (event.clientX - box.left) / width) * span);
  });
  svg.addEventListener('pointerleave', () => look(null));
  svg.addEventListener('blur', () => look(null));
  svg.addEventListener('keydown', event => {
    const step = { ArrowLeft: -2000, ArrowRight: 2000 }[event.key];
    if (!step || points.length === 0) return;
    event.preventDefault();
    const last = points.at(-1).time;
    const wanted = (sight ?? last) + step;
    look(wanted >= last ? null : Math.max(wanted, points[0].time));
  });
  new ResizeObserver(() => draw()).observe(svg);

  return { card, show(next) { points = next; draw(); } };
}

export function charts() {
  const depth = chart('Queue depth', 'waiting', value => value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value)));
  const rate = value => value === 0 ? '0' : value < 10 ? value.toFixed(1) : String(Math.round(value));
  const runs = chart('Throughput', 'runs/s', rate, { failed: 'var(--c5)' });
  const slow = chart('Slowest runs', '95 of 100 within', value => value === 0 ? '0' : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
  const calls = chart('API requests', 'requests/s', rate);
  const kept = [];
  let last = 0;
  return {
    cards: [depth.card, runs.card, slow.card, calls.card],
    get last() { return last; },
    add(points) {
      for (const point of points) if (point.time > last) { kept.push(point); last = point.time; }
      while (kept.length > 450) kept.shift();
      const first = kept.find(point => Object.keys(point.runs).length > 0)?.time ?? Infinity;
      const rated = kept.filter(point => point.time >= first);
      depth.show(kept.map(point => ({ time: point.time, values: point.depth })));
      runs.show(rated.map(point => ({ time: point.time, values: { ...point.runs, failed: Object.values(point.errors).reduce((sum, one) => sum + one, 0) } })));
      slow.show(rated.map(point => ({ time: point.time, values: point.slowestRun === undefined ? {} : { 'all controllers': point.slowestRun } })));
      calls.show(rated.map(point => ({ time: point.time, values: point.requests })));
    },
  };
}
