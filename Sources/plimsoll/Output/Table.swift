/// A table before it knows how wide it may be.
struct Table: Sendable {
    struct Column: Sendable {
        /// The heading, unit included.
        var title: String
        /// Whether cells are flush right, as numbers are.
        var right = false
        /// The order in which columns leave a narrow terminal, highest first; a column of 0 stays.
        var expendable = 0
    }

    struct Cell: Sendable {
        var text: String
        var style: TextStyle = .plain
        /// A form for narrow terminals.
        var short: String?

        init(_ text: String, _ style: TextStyle = .plain, short: String? = nil) {
            self.text = DisplayText.sanitized(text)
            self.style = style
            self.short = short.map(DisplayText.sanitized)
        }
    }

    /// Lines above the table.
    var heading: [Cell] = []
    var columns: [Column]
    var rows: [[Cell]] = []
    /// Lines below the table.
    var footnotes: [Cell] = []
}

/// Lays a table out: columns aligned by what the terminal shows, two spaces apart.
struct TableRenderer {
    let terminal: Terminal

    /// The lines of the table, each ended by a newline.
    func render(_ table: Table) -> String {
        var output = ""
        for line in table.heading { output += fitted(line) + "\n" }
        if !table.heading.isEmpty { output += "\n" }
        let (shown, short) = layout(table)
        let widths = shown.map { width(table, $0, short: short) }
        let titles = zip(shown, widths).map { index, width in
            DisplayText.padded(table.columns[index].title, to: width, right: table.columns[index].right)
        }
        output += trimmed(titles.map { TextStyle.bold.apply($0, color: terminal.color) }, last: titles.last) + "\n"
        for row in table.rows {
            let cells = zip(shown, widths).map { index, width in
                let cell = row[index]
                let text = short ? cell.short ?? cell.text : cell.text
                return (DisplayText.padded(text, to: width, right: table.columns[index].right), cell.style)
            }
            let styled = cells.map { $0.1.apply($0.0, color: terminal.color) }
            output += trimmed(styled, last: cells.last?.0) + "\n"
        }
        if !table.footnotes.isEmpty { output += "\n" }
        for line in table.footnotes { output += line.style.apply(line.text, color: terminal.color) + "\n" }
        return output
    }

    /// Which columns fit, and whether their cells take the short form.
    private func layout(_ table: Table) -> (shown: [Int], short: Bool) {
        var shown = Array(table.columns.indices)
        guard let limit = terminal.width else { return (shown, false) }
        for short in [false, true] {
            shown = Array(table.columns.indices)
            while true {
                let total = shown.map { width(table, $0, short: short) }.reduce(0, +) + 2 * (shown.count - 1)
                if total <= limit { return (shown, short) }
                let expendable = shown.filter { table.columns[$0].expendable > 0 }
                // The short form is tried before a column of rank 1 goes.
                guard let out = expendable.max(by: { table.columns[$0].expendable < table.columns[$1].expendable }),
                    short || table.columns[out].expendable > 1
                else { break }
                shown.removeAll { $0 == out }
            }
        }
        return (shown, true)
    }

    private func width(_ table: Table, _ index: Int, short: Bool) -> Int {
        let cells = table.rows.map { row in
            DisplayText.width(short ? row[index].short ?? row[index].text : row[index].text)
        }
        return max(DisplayText.width(table.columns[index].title), cells.max() ?? 0)
    }

    private func fitted(_ line: Table.Cell) -> String {
        let text = terminal.width.map { DisplayText.shortened(line.text, to: $0) } ?? line.text
        return line.style.apply(text, color: terminal.color)
    }

    /// Cells side by side; without colours no spaces at the end of a line.
    private func trimmed(_ cells: [String], last: String?) -> String {
        let line = cells.joined(separator: "  ")
        guard !terminal.color else { return line }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
