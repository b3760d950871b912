package dev.kmsenvelope.dek;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that together are one, so that threads which change it at the same time do not wait for each other's cache line.
 * There is a single one until two threads are seen to meet; then there are {@link #WIDTH}, and a thread always uses the same
 * one. So what few threads use stays small: about 40 bytes, and {@link #WIDTH} times 144 more afterwards.
 */
final class Stripes {

    /** How many numbers there are at most: a power of two, and so many that two busy threads rarely share one. */
    static final int WIDTH =
            Math.min(32, Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1) << 1);

    private final Cell first = new Cell();
    private final AtomicReference<Cell @Nullable []> more = new AtomicReference<>();

    /** One of the numbers. */
    static class Cell extends AtomicLong {
        private static final long serialVersionUID = 1L;
    }

    /** Long enough that no two of them share a cache line, or the pair of lines that processors fetch together. */
    @SuppressWarnings("unused")
    private static final class PaddedCell extends Cell {
        private static final long serialVersionUID = 1L;
        private long p01;
        private long p02;
        private long p03;
        private long p04;
        private long p05;
        private long p06;
        private long p07;
        private long p08;
        private long p09;
        private long p10;
        private long p11;
        private long p12;
        private long p13;
        private long p14;
        private long p15;
    }

    /** The number that this thread changes; may become another one, once. */
    Cell mine() {
        Cell[] cells = more.get();
        return cells == null ? first : cells[1 + ((int) Thread.currentThread().getId() & (WIDTH - 1))];
    }

    /** Adds to the number of this thread, and tells which one that is. */
    Cell add(long amount) {
        if (more.get() == null) {
            long value = first.get();
            if (first.compareAndSet(value, value + amount)) {
                return first;
            }
            widen();
        }
        Cell cell = mine();
        cell.getAndAdd(amount);
        return cell;
    }

    /** Says that another thread was met at the number of this one. */
    void widen() {
        if (more.get() == null) {
            Cell[] cells = new Cell[1 + WIDTH]; // the first keeps the others away from the array, which all read
            for (int i = 0; i < cells.length; i++) {
                cells[i] = new PaddedCell();
            }
            more.compareAndSet(null, cells);
        }
    }

    /** The sum; of different moments while threads change it. */
    long sum() {
        long sum = first.get();
        Cell[] cells = more.get();
        if (cells != null) {
            for (Cell cell : cells) {
                sum += cell.get();
            }
        }
        return sum;
    }

    /** Whether each number was zero at some moment since this was called. */
    boolean wereAllZero() {
        return !any(value -> value != 0);
    }

    private boolean any(LongPredicate test) {
        if (test.test(first.get())) {
            return true;
        }
        Cell[] cells = more.get();
        if (cells != null) {
            for (Cell cell : cells) {
                if (test.test(cell.get())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Takes one from any number above zero. */
    boolean takeAnywhere() {
        if (take(first)) {
            return true;
        }
        Cell[] cells = more.get();
        if (cells != null) {
            for (Cell cell : cells) {
                if (take(cell)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean take(Cell cell) {
        long value = cell.get();
        while (value > 0) {
            if (cell.compareAndSet(value, value - 1)) {
                return true;
            }
            value = cell.get();
        }
        return false;
    }
}
