"""Capacity: how much of it a queue, a share or an instance type has, from when on."""
