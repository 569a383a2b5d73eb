// How values read.

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const number = value => new Intl.NumberFormat('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 }).format(value);

export function duration(seconds) {
  if (seconds === undefined || seconds === null) return '';
  if (seconds < 0.001) return '<1 ms';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function ago(time, now = Date.now()) {
  if (!time) return '';
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 2 ? 'just now' : `${duration(seconds).replace(/\.\d/, '')} ago`;
}

export const exact = time => time ? clock.format(new Date(time)) : '';

export function bytes(size) {
  if (size === undefined || size === null) return '';
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (size < 1024) return `${number(size)} ${unit}`;
    size /= 1024;
  }
  return `${number(size)} TiB`;
}

const tones = {
  good: ['Completed', 'Ready', 'Applied', 'Active', 'Complete', 'True', 'Running'],
  bad: ['Failed', 'Error', 'False', 'CrashLoopBackOff'],
  warn: ['Paused', 'Blocked', 'Unknown', 'Terminating', 'Inactive'],
  busy: ['Queued', 'Processing', 'InProgress', 'Pending', 'Creating', 'Provisioning', 'Configuring', 'Deploying', 'Verifying'],
};

export const tone = state => Object.keys(tones).find(name => tones[name].includes(state)) ?? 'calm';
